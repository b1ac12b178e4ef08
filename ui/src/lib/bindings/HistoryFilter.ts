
export type HistoryFilter = { after: string | null, limit: number | null, };
