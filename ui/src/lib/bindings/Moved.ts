
export type Moved = { users: number, pupils: number, };
