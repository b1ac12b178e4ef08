import type { EstablishmentId } from "./EstablishmentId";
import type { JoinEstablishment } from "./JoinEstablishment";

export type JoinEstablishmentRequest = { id: EstablishmentId, join: JoinEstablishment, };
