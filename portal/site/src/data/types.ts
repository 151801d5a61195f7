/** The documents under data/, as portal/publishing writes them. Numbers are those of one release and never change. */

export type Lang = "zh" | "en";
export type Realm = "real" | "simulated";
export type Level = "province" | "prefecture" | "county";

/** Only a published number is a number; the rest says why there is none. */
export type Status = "published" | "withheld" | "needs_input" | "not_applicable";

/** What a thing is called. */
export interface Named {
  zh: string;
  en: string;
}

/** data/catalogue.json: what there is, and what it is called. */
export interface Catalogue {
  release: Release;
  realms: RealmShare[];
  areas: Area[];
  /** breakdowns by code ("sex"); members in the order they are shown in */
  dimensions: Record<string, Dimension>;
  indicators: Indicator[];
  targets: Target[];
}

export interface Release {
  id: number;
  previous_id: number | null;
  /** ISO 8601 with zone */
  published_at: string;
  as_of: string;
  note: string | null;
}

export interface RealmShare {
  code: Realm;
  /** published numbers of this realm; the page opens the real one where it has any county */
  published: number;
  counties: number;
}

export interface Area extends Named {
  /** GB/T 2260 */
  code: string;
  level: Level;
  parent: string | null;
  /**
   * lists it stands on: "mountain" (mountain and island counties of the day, member "listed" of county_group),
   * "mountain26_2021" (the fixed cohort, member "mountain26" of county_group_fixed), "island"
   */
  groups: string[];
  /** place in the tile map, counties alone */
  tile: { column: number; row: number } | null;
}

export interface Dimension extends Named {
  members: (Named & { code: string })[];
}

export interface Indicator extends Named {
  code: string;
  method: string;
  /** "schools", "adults", "lifelong", "credit", "forecast", "inequality"; "other" where none is known */
  subject: string;
  version: number;
  sentence: Named;
  formula: string;
  source: string;
  numerator: string | null;
  denominator: string | null;
  reference_date: string | null;
  /** "pct", "years", "persons", "ratio", …; "input" where a figure has the unit of what it is made from: see the file */
  unit: string;
  unit_of_count: string;
  missing_return: string | null;
  /** row of the province's list of lifelong-learning indicators */
  table_1: string | null;
  better: "higher" | "lower" | "neither";
  has: Partial<Record<Realm, Holdings>>;
}

/** What a realm holds of an indicator. */
export interface Holdings {
  /** oldest first */
  periods: string[];
  levels: Level[];
  /** each is a file of values/ */
  dimensions: string[];
  published: number;
  withheld: number;
  /** numbers that the last release changed; there is a file of revisions/ unless 0 */
  revised: number;
}

export interface Target {
  realm: Realm;
  indicator: string;
  method: string;
  area: string;
  year: number;
  value: number;
  unit: string;
  direction: "at_least" | "at_most";
  document: string;
  document_no: string | null;
  /** what the target minds, from its document */
  note: string | null;
}

/** One number, or the reason why there is none: everything but status and period is null unless published. */
export interface Point {
  period: string;
  status: Status;
  value: number | null;
  /** a bound by unlinked records, a survey's margin or a forecast's interval */
  low: number | null;
  high: number | null;
  numerator: number | null;
  denominator: number | null;
  /** 0-100: records of the numerator that belong to a known person */
  coverage: number | null;
  /** ISO date the number is about */
  as_of: string;
  version: number;
  /** of needs_input: the missing return, zh and en; of a forecast: its past error */
  note: string | null;
}

/** data/areas/<realm>/<area>.json: every indicator of one area, dimension "total", oldest period first. */
export interface AreaFile {
  area: string;
  realm: Realm;
  release: number;
  series: { indicator: string; method: string; unit: string; points: Point[] }[];
}

/** data/values/<realm>/<indicator>/<method>/<dimension>.json: one breakdown over all areas and periods. */
export interface ValuesFile {
  indicator: string;
  method: string;
  realm: Realm;
  dimension: string;
  unit: string;
  release: number;
  areas: string[];
  periods: string[];
  members: string[];
  notes: string[];
  /** ISO dates, one a period */
  as_of: string[];
  version: number;
  /** indexes of area, period and member; "p", "w", "n" or "x"; value, low, high, numerator, denominator, coverage; note */
  rows: [
    number, number, number, "p" | "w" | "n" | "x",
    number | null, number | null, number | null, number | null, number | null, number | null, number | null,
  ][];
}

/** data/revisions/<realm>/<indicator>.json: what the last release changed, and because of what. */
export interface RevisionsFile {
  indicator: string;
  realm: Realm;
  before: number;
  after: number;
  changes: {
    method: string;
    area: string;
    period: string;
    dimension: string;
    member: string;
    /** what a reader saw, null where there was no such number */
    old: { status: Status; value: number | null } | null;
    new: { status: Status; value: number | null } | null;
    why: "data" | "definition" | "models" | "nothing known";
  }[];
  /** deliveries that came in, went or were waived between the two and reach the indicator, summed up by agency */
  batches: {
    agency: string;
    agency_name: Named;
    /** source.entity */
    entity: string;
    /** "released", "withdrawn", … */
    what: string;
    deliveries: number;
    /** when the newest of them arrived, ISO 8601 */
    newest: string | null;
  }[];
  /** of methods some of whose changes are because of the definition: how it read and how it reads */
  definitions?: { method: string; old: { version: number; sentence: Named }; new: { version: number; sentence: Named } }[];
}

/** data/parities/<realm>.json: parity of every indicator that is told apart by groups, in the province, newest period alone. */
export interface ParitiesFile {
  realm: Realm;
  release: number;
  rows: {
    indicator: string;
    method: string;
    /** "female/male", "mountain26/rest", …: as the member of the derived figure */
    pair: string;
    period: string;
    status: Status;
    parity: number | null;
    /** in the indicator's unit */
    gap: number | null;
  }[];
}

/** data/gaps.json: what could not be computed, by the return it waits for. */
export type GapsFile = {
  indicator: string;
  method: string;
  realm: Realm;
  missing_return: string;
  sources: string[];
  numbers: number;
  /** codes; empty where no area stands out */
  areas: string[];
}[];

/** data/questions.json: questions a policymaker may ask in SQL, with the answer of this release. */
export type QuestionsFile = {
  id: string;
  question: Named;
  sql: string;
  columns: string[];
  rows: (string | number | null)[][];
}[];

/** data/traces.json: agencies and deliveries an indicator rests on. */
export type TracesFile = {
  indicator: string;
  method: string;
  realm: Realm;
  agencies: (Named & { code: string; entities: string[]; batches: number; newest: string })[];
}[];
