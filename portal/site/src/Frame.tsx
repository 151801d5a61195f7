/** What stands around every view: name, menu, language, realm, release; and the view itself. */
import type { ComponentChildren } from "preact";
import { useEffect, useErrorBoundary, useRef, useState } from "preact/hooks";
import { day } from "./data/format";
import type { Realm } from "./data/types";
import { RealmBanner } from "./parts/RealmBanner";
import { useSite } from "./site";
import { ENTRIES, type Group, load } from "./views";
import type { Viewable } from "./views/view";
import { useWords } from "./words";
import { FRAME } from "./words/frame";

const GROUPS: readonly Group[] = ["about", "places", "fairness", "people", "behind"];

export function Frame() {
  return (
    <>
      <Header />
      <RealmBanner />
      <Content />
      <Footer />
    </>
  );
}

function Header() {
  const { lang, link, go, place } = useSite();
  const say = useWords(FRAME);
  const other = lang === "zh" ? "en" : "zh";
  const skip = (event: Event) => {
    event.preventDefault();
    document.querySelector<HTMLElement>("main h1")?.focus();
  };
  return (
    <header class="top">
      <a class="skip" href={link({})} onClick={skip}>{say("skip")}</a>
      <div class="bar">
        <a class="name" href={link({ view: "overview" })}>
          <Mark />
          <span>{say("name")}<small>{say("province")}</small></span>
        </a>
        <div class="switches">
          <RealmSwitch />
          <a class="language" href={link({ lang: other })} lang={other === "zh" ? "zh-CN" : "en"} hreflang={other}>{say("language")}</a>
        </div>
      </div>
      <nav aria-label={say("menu")}>
        <ul>
          {GROUPS.filter((group) => ENTRIES.some((each) => each.group === group)).map((group) => (
            <li key={group} class={group}>
              <span class="group">{say(group)}</span>
              <ul>
                {ENTRIES.filter((each) => each.group === group).map((each) => (
                  <li key={each.id}>
                    <a href={link({ view: each.id })} aria-current={each.id === place.view ? "page" : undefined}>{each[lang]}</a>
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
        <label class="menu">
          <span class="unseen">{say("menu")}</span>
          <select value={place.view} onChange={(event) => go({ view: event.currentTarget.value })}>
            {GROUPS.map((group) => ENTRIES.filter((each) => each.group === group)).filter((some) => some.length).map((some) => (
              <optgroup key={some[0]!.group} label={say(some[0]!.group)}>
                {some.map((each) => <option key={each.id} value={each.id} selected={each.id === place.view}>{each[lang]}</option>)}
              </optgroup>
            ))}
          </select>
        </label>
      </nav>
    </header>
  );
}

/** A road that rises over another: the flyover. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 48 48" width="40" height="40" aria-hidden="true">
      <path class="under" d="M4 33h40" />
      <path class="over" d="M4 33c11 0 11-18 20-18s9 18 20 18" />
    </svg>
  );
}

function RealmSwitch() {
  const { catalogue, realm, go } = useSite();
  const say = useWords(FRAME);
  const there = catalogue.realms.filter((each) => each.published > 0).map((each) => each.code);
  if (there.length < 2) return null;
  const name = (code: Realm) => say(code === "real" ? "real" : "simulatedShort");
  return (
    <fieldset class="realms">
      <legend class="unseen">{say("realm")}</legend>
      {there.map((code) => (
        <button key={code} type="button" aria-pressed={code === realm} onClick={() => go({ realm: code })}>{name(code)}</button>
      ))}
    </fieldset>
  );
}

function Content() {
  const { place, lang } = useSite();
  const say = useWords(FRAME);
  const view = useView(place.view);
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  const title = view.is === "here" ? view.view.title[lang] : view.is === "lost" ? say("lost") : null;
  useEffect(() => {
    document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
    if (title) document.title = `${title} · ${say("name")}`;
  }, [title, lang]);
  useEffect(() => {
    if (view.is === "loading") return;
    // whoever follows a link hears the new heading; the first page is left as the browser opens it
    if (!first.current) {
      heading.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    first.current = false;
  }, [view.is === "here" ? view.view.id : view.is]);
  return (
    <main id="content">
      {view.is === "loading" && <p class="waiting page" role="status">{say("loading")}</p>}
      {view.is === "failed" && (
        <div class="failed" role="alert">
          <h1 ref={heading} tabIndex={-1}>{say("failed")}</h1>
          <button type="button" onClick={view.retry}>{say("retry")}</button>
        </div>
      )}
      {view.is === "lost" && (
        <>
          <h1 ref={heading} tabIndex={-1}>{say("lost")}</h1>
          <p>{say("lostMore")}</p>
          <HomeLink />
        </>
      )}
      {view.is === "here" && (
        <Guard key={view.view.id}>
          <h1 ref={heading} tabIndex={-1}>{title}</h1>
          {view.view.lead && <p class="lead">{view.view.lead[lang]}</p>}
          <view.view.Page />
        </Guard>
      )}
    </main>
  );
}

function HomeLink() {
  const { link } = useSite();
  const say = useWords(FRAME);
  return <p><a href={link({ view: "overview" })}>{say("home")}</a></p>;
}

/** What goes wrong in a view stays in it. */
function Guard({ children }: { children: ComponentChildren }) {
  const say = useWords(FRAME);
  const [error, again] = useErrorBoundary((reason) => console.error(reason));
  if (!error) return <>{children}</>;
  return (
    <div class="failed" role="alert">
      <p>{say("crashed")}</p>
      <button type="button" onClick={again}>{say("retry")}</button>
    </div>
  );
}

type Shown = { is: "loading" } | { is: "here"; view: Viewable } | { is: "lost" } | { is: "failed"; retry: () => void };

/** The code of the view; a change of view keeps the old one until the new one is here. */
function useView(id: string): Shown {
  const [shown, setShown] = useState<Shown>({ is: "loading" });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isWanted = true;
    const put = (next: Shown) => isWanted && setShown(next);
    const loading = load(id);
    if (!loading) put({ is: "lost" });
    else loading.then((view) => put({ is: "here", view }), () => put({ is: "failed", retry: () => setAttempt((n) => n + 1) }));
    return () => {
      isWanted = false;
    };
  }, [id, attempt]);
  return shown;
}

function Footer() {
  const { catalogue, lang, link, realm } = useSite();
  const say = useWords(FRAME);
  const { id, previous_id, published_at } = catalogue.release;
  const revised = catalogue.indicators.filter((each) => (each.has[realm]?.revised ?? 0) > 0).length;
  return (
    <footer class="bottom">
      <div>
        <p>
          <strong>{say("release", { id })}</strong>, {say("published", { day: day(published_at, lang) })}
          {" · "}
          {previous_id === null ? say("firstRelease") : revised === 0 ? say("nothingChanged") : (
            <a href={link({ view: "changes", area: null, indicator: null, method: null })}>{say("whatIsNew", { number: revised })}</a>
          )}
        </p>
        <p class="small">{say("footer")}</p>
      </div>
    </footer>
  );
}
