
export type EstablishmentFile = { path: string, name: string, bytes: number, };
