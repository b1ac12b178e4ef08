import type { SettingKind } from "./SettingKind";

export type EstablishmentEntry = { name: string, kind: SettingKind, address: Array<string>, postcode: string, phone: string, website: string, head: string, ofsted_number: string, closed_on: string | null, };
