import type { EstablishmentEntry } from "./EstablishmentEntry";

export type AddEstablishment = { entry: EstablishmentEntry, although_similar: boolean, };
