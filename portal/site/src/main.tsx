import "./look/index.css";
import { render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { useCatalogue } from "./data/load";
import { openingRealm } from "./data/select";
import type { Catalogue, Lang } from "./data/types";
import { Frame } from "./Frame";
import { type Site, SiteContext } from "./site";
import { addressOf, type Change, changed, type Place, placeOf } from "./state";
import { sayer } from "./words";
import { FRAME } from "./words/frame";

const preferred: Lang = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";

/** The address, as it changes. */
function usePlace(): [Place, Site["go"]] {
  const [hash, setHash] = useState(window.location.hash);
  useEffect(() => {
    const follow = () => setHash(window.location.hash);
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  const place = useMemo(() => placeOf(hash, preferred), [hash]);
  const go = (change: Change, how?: "replace") => {
    const address = addressOf(changed(placeOf(window.location.hash, preferred), change));
    if (how === "replace") {
      window.history.replaceState(null, "", address);
      setHash(address);
    } else window.location.hash = address;
  };
  return [place, go];
}

function App() {
  const [place, go] = usePlace();
  const catalogue = useCatalogue();
  const say = sayer(FRAME, place.lang);
  if (catalogue.is === "here") return <Ready catalogue={catalogue.data} place={place} go={go} />;
  return (
    <main class="opening" lang={place.lang}>
      {catalogue.is === "loading" && <p role="status">{say("loading")}</p>}
      {catalogue.is === "absent" && <p>{say("absent")}</p>}
      {catalogue.is === "failed" && (
        <div role="alert">
          <p>{say("failed")}</p>
          <button type="button" onClick={catalogue.retry}>{say("retry")}</button>
        </div>
      )}
    </main>
  );
}

function Ready({ catalogue, place, go }: { catalogue: Catalogue; place: Place; go: Site["go"] }) {
  const site: Site = {
    catalogue,
    place,
    go,
    lang: place.lang,
    realm: place.realm ?? openingRealm(catalogue),
    term: (name, fallback = "") => place.terms[name] ?? fallback,
    link: (change) => addressOf(changed(place, change)),
    name: (named) => named[place.lang] || named.zh || named.en,
  };
  return (
    <SiteContext.Provider value={site}>
      <Frame />
    </SiteContext.Provider>
  );
}

render(<App />, document.getElementById("site")!);
