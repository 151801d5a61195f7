/** What the address says and back: every state a reader can reach is an address that can be sent to someone. */
import type { Lang, Realm } from "./data/types";

/** The view, the language, the realm and whatever else the view minds (area, indicator, method, period, …). */
export interface Place {
  view: string;
  lang: Lang;
  /** null: the one the catalogue opens */
  realm: Realm | null;
  terms: Readonly<Record<string, string>>;
}

/** What changes: null takes a term away. `view`, `lang` and `realm` are terms like any other here. */
export type Change = Readonly<Record<string, string | null | undefined>>;

export const FIRST_VIEW = "overview";
const LONGEST = 2000;
const OWN = new Set(["view", "lang", "realm"]);

/** The place an address names; what makes no sense in it is passed over. */
export function placeOf(hash: string, preferred: Lang): Place {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").slice(0, LONGEST).split("?", 2);
  const given = new URLSearchParams(query);
  const lang = given.get("lang");
  const realm = given.get("realm");
  const terms: Record<string, string> = {};
  for (const [name, value] of given) if (!OWN.has(name) && value !== "") terms[name] = value;
  return {
    view: path.replace(/\/+$/, "") || FIRST_VIEW,
    lang: lang === "zh" || lang === "en" ? lang : preferred,
    realm: realm === "real" || realm === "simulated" ? realm : null,
    terms,
  };
}

/** The address of a place, always with its language and in one order, so that equal places have equal addresses. */
export function addressOf(place: Place): string {
  const query = new URLSearchParams({ lang: place.lang });
  if (place.realm) query.set("realm", place.realm);
  for (const name of Object.keys(place.terms).sort()) query.set(name, place.terms[name]!);
  return `#/${place.view}?${query}`;
}

/** A place with some of it changed; another view keeps the terms that mean the same everywhere. */
export function changed(place: Place, change: Change): Place {
  const view = change.view ?? place.view;
  const kept = Object.entries(place.terms).filter(([name]) => view === place.view || KEPT.has(name));
  const terms: Record<string, string> = Object.fromEntries(kept);
  for (const [name, value] of Object.entries(change)) {
    if (OWN.has(name)) continue;
    if (value === null || value === undefined || value === "") delete terms[name];
    else terms[name] = value;
  }
  return {
    view,
    lang: (change.lang as Lang | undefined) ?? place.lang,
    realm: (change.realm as Realm | undefined) ?? place.realm,
    terms,
  };
}

/** Terms that go with a reader from view to view. */
const KEPT = new Set(["area", "indicator", "method"]);
