import type { ImportId } from "./ImportId";

export type EstablishmentImportRef = { id: ImportId, };
