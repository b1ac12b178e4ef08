export type SuccessionDecision = "moved" | "left" | "unknown";
