import type { Timestamp } from "./Timestamp";

export type HistoryEntry = { number: number, at: Timestamp, by: string | null, what: string, };
