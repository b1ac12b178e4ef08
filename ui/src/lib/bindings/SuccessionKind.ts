export type SuccessionKind = "became" | "merged" | "split" | "unknown";
