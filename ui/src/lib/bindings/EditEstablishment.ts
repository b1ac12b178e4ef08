import type { EstablishmentEntry } from "./EstablishmentEntry";

export type EditEstablishment = { revision: number, entry: EstablishmentEntry, };
