import type { SuccessionDecision } from "./SuccessionDecision";
import type { SuccessionEnd } from "./SuccessionEnd";
import type { SuccessionKind } from "./SuccessionKind";
import type { Timestamp } from "./Timestamp";

export type Succession = { from: SuccessionEnd, to: SuccessionEnd, kind: SuccessionKind, on: string | null, users: number, pupils: number, decision: SuccessionDecision | null, decided_at: Timestamp | null, };
