import type { EnrolmentId } from "./EnrolmentId";
import type { EstablishmentId } from "./EstablishmentId";
import type { LinkId } from "./LinkId";

export type MoveEstablishment = { to: EstablishmentId, on: string, whole: boolean, links: Array<LinkId>, enrolments: Array<EnrolmentId>, };
