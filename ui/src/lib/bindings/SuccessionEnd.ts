import type { EstablishmentId } from "./EstablishmentId";
import type { Urn } from "./Urn";

export type SuccessionEnd = { urn: Urn, id: EstablishmentId | null, name: string, closed_on: string | null, };
