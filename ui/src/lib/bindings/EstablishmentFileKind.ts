export type EstablishmentFileKind = "establishments" | "links" | "unknown";
