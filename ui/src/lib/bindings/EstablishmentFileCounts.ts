
export type EstablishmentFileCounts = { created: number, updated: number, unchanged: number, closed: number, };
