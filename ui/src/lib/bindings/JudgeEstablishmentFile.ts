
export type JudgeEstablishmentFile = { path: string, la_codes: string, };
