import type { EstablishmentId } from "./EstablishmentId";
import type { HistoryFilter } from "./HistoryFilter";

export type EstablishmentHistoryOf = { id: EstablishmentId, filter: HistoryFilter, };
