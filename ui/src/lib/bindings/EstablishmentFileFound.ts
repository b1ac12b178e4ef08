import type { EstablishmentFileCounts } from "./EstablishmentFileCounts";
import type { Finding } from "./Finding";

export type EstablishmentFileFound = { rows: number, refused: number, left_out: number, missing: number, counts: EstablishmentFileCounts, closing_in_use: number, closing_names: Array<string>, errors: number, warnings: number, findings: Array<Finding>, };
