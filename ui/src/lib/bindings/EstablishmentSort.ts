export type EstablishmentSort = "name" | "local_authority" | "phase" | "unknown";
