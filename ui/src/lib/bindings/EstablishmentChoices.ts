
export type EstablishmentChoices = { phases: Array<string>, la_names: Array<string>, };
