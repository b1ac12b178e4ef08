import type { Urn } from "./Urn";

export type LeaveSuccession = { from: Urn, to: Urn, };
