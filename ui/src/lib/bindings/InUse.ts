
export type InUse = { users: number, pupils: number, closed_in_use: boolean, nobody_to_read: boolean, };
