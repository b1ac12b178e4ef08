export type SettingKind = "nursery" | "tutor" | "hospital_school" | "school_in_scotland" | "school_in_wales" | "other";
