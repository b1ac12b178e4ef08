import type { Urn } from "./Urn";

export type JoinEstablishment = { urn: Urn, };
