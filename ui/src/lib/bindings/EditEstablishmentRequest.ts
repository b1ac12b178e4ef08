import type { EditEstablishment } from "./EditEstablishment";
import type { EstablishmentId } from "./EstablishmentId";

export type EditEstablishmentRequest = { id: EstablishmentId, edit: EditEstablishment, };
