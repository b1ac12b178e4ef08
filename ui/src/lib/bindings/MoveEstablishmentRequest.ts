import type { EstablishmentId } from "./EstablishmentId";
import type { MoveEstablishment } from "./MoveEstablishment";

export type MoveEstablishmentRequest = { id: EstablishmentId, to: MoveEstablishment, };
