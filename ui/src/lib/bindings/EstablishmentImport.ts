import type { EstablishmentFileCounts } from "./EstablishmentFileCounts";
import type { EstablishmentFileFound } from "./EstablishmentFileFound";
import type { EstablishmentFileKind } from "./EstablishmentFileKind";
import type { ImportId } from "./ImportId";
import type { Timestamp } from "./Timestamp";

export type EstablishmentImport = { id: ImportId, kind: EstablishmentFileKind, file_name: string, begun_by: string, begun_at: Timestamp, committed_at: Timestamp | null, found: EstablishmentFileFound, result: EstablishmentFileCounts | null, };
