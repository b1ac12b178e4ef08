import type { Capacity } from "./Capacity";
import type { LinkId } from "./LinkId";
import type { UserId } from "./UserId";

export type MovableLink = { id: LinkId, user_id: UserId, name: string, capacity: Capacity, start: string, };
