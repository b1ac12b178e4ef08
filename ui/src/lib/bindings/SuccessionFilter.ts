
export type SuccessionFilter = { after: string | null, limit: number | null, };
