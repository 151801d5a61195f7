/** What every part and view may ask for: the words' language, the realm, the catalogue, the address. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Catalogue, Lang, Named, Realm } from "./data/types";
import type { Change, Place } from "./state";

export interface Site {
  lang: Lang;
  realm: Realm;
  catalogue: Catalogue;
  place: Place;
  /** a term of the address, or the fallback */
  term: (name: string, fallback?: string) => string;
  /** change the address; `replace` leaves no step behind for the back button (typing, sliders) */
  go: (change: Change, how?: "replace") => void;
  /** the address a change would lead to, for links */
  link: (change: Change) => string;
  /** the name in the reader's language */
  name: (named: Named) => string;
}

export const SiteContext = createContext<Site | null>(null);

/** The site as this reader has it. */
export function useSite(): Site {
  const site = useContext(SiteContext);
  if (!site) throw new Error("a part stands outside the frame");
  return site;
}
