import { useId, useRef, useState } from "preact/hooks";
import { PROVINCE, within } from "../data/select";
import type { Catalogue, Indicator, Named } from "../data/types";
import { type Site, useSite } from "../site";
import { useWords } from "../words";
import { PARTS } from "../words/parts";

export interface Choice {
  value: string;
  label: string;
  /** stands above the choices that share it */
  group?: string;
  /** what else it is found by: the other language's name, the code */
  also?: string;
}

interface ComboProps {
  label: string;
  choices: readonly Choice[];
  value: string;
  onPick: (value: string) => void;
}

/** Choices whose name, group or code holds every word typed. */
export function found(choices: readonly Choice[], typed: string): Choice[] {
  const words = typed.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return choices.filter((each) => {
    const text = `${each.label} ${each.group ?? ""} ${each.also ?? ""}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** One of many: type a part of its name, or walk the list with the arrows (the ARIA combobox pattern). */
export function Combo({ label, choices, value, onPick }: ComboProps) {
  const say = useWords(PARTS);
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const [active, setActive] = useState(0);
  const isOpen = typed !== null;
  const chosen = choices.find((each) => each.value === value);
  const shown = isOpen ? found(choices, typed) : [];
  const open = () => {
    setTyped("");
    setActive(Math.max(0, choices.findIndex((each) => each.value === value)));
    setTimeout(() => document.getElementById(`${id}-active`)?.scrollIntoView({ block: "nearest" }));
  };
  const close = () => setTyped(null);
  const take = (choice: Choice | undefined) => {
    close();
    if (choice && choice.value !== value) onPick(choice.value);
  };
  const walk = (to: number) => {
    setActive(Math.min(Math.max(to, 0), shown.length - 1));
    setTimeout(() => document.getElementById(`${id}-active`)?.scrollIntoView({ block: "nearest" }));
  };
  const press = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (!isOpen) {
      if (["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) {
        event.preventDefault();
        open();
      }
      return;
    }
    if (event.key === "ArrowDown") walk(active + 1);
    else if (event.key === "ArrowUp") walk(active - 1);
    else if (event.key === "Enter") take(shown[active]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  };
  return (
    <div class="pick combo">
      <label for={id}>{label}</label>
      <input
        id={id}
        ref={input}
        role="combobox"
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && shown.length ? `${id}-active` : undefined}
        autocomplete="off"
        spellcheck={false}
        placeholder={isOpen ? (chosen?.label ?? say("find")) : say("find")}
        value={typed ?? chosen?.label ?? ""}
        onClick={() => !isOpen && open()}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={press}
        onBlur={close}
      />
      <ul id={`${id}-list`} role="listbox" aria-label={label} hidden={!isOpen}>
        {shown.map((choice, index) => (
          <>
            {choice.group && choice.group !== shown[index - 1]?.group && (
              <li key={`group ${choice.group}`} class="group" role="presentation">{choice.group}</li>
            )}
            <li
              key={choice.value}
              id={index === active ? `${id}-active` : undefined}
              role="option"
              aria-selected={choice.value === value}
              class={index === active ? "active" : ""}
              onPointerDown={(event) => {
                event.preventDefault(); // keeps the focus in the field
                take(choice);
              }}
            >
              {choice.label}
            </li>
          </>
        ))}
        {isOpen && shown.length === 0 && <li class="group" role="presentation">{say("nothingFound")}</li>}
      </ul>
    </div>
  );
}

/** The province, then each prefecture with its counties. */
export function areaChoices(site: Site, isWanted: (code: string) => boolean = () => true): Choice[] {
  const { catalogue, name } = site;
  const choice = (code: string, named: Named, group: string): Choice => ({
    value: code, label: name(named), group, also: `${named.zh} ${named.en} ${code}`,
  });
  const province = catalogue.areas.filter((each) => each.code === PROVINCE);
  const prefectures = within(catalogue, PROVINCE);
  return [
    ...province.map((each) => choice(each.code, each, name(each))),
    ...prefectures.flatMap((each) => [
      choice(each.code, each, name(each)),
      ...within(catalogue, each.code).map((county) => choice(county.code, county, name(each))),
    ]),
  ].filter((each) => isWanted(each.value));
}

/** The place: by default any area, in the address as `area`. */
export function AreaPicker({ value, onPick, isWanted, label }: {
  value: string; onPick: (code: string) => void; isWanted?: (code: string) => boolean; label?: string;
}) {
  const site = useSite();
  const say = useWords(PARTS);
  return <Combo label={label ?? say("place")} choices={areaChoices(site, isWanted)} value={value} onPick={onPick} />;
}

/** One key for an indicator and its method. */
export const keyOf = (indicator: Pick<Indicator, "code" | "method">) => `${indicator.code}.${indicator.method}`;

/** The indicator's name, with its method where others of the list are called the same. */
export function titleAmong(indicator: Indicator, all: readonly Indicator[], name: Site["name"]): string {
  const isAlone = all.filter((each) => name(each) === name(indicator)).length < 2;
  return isAlone ? name(indicator) : `${name(indicator)} · ${indicator.method}`;
}

/** Indicators that a realm holds, in the order of the catalogue's subjects. */
export function indicatorsHeld(catalogue: Catalogue, realm: Site["realm"]): Indicator[] {
  return catalogue.indicators.filter((each) => each.has[realm]);
}

/** The indicator with its method, grouped by subject. */
export function IndicatorPicker({ value, onPick, isWanted }: {
  value: Pick<Indicator, "code" | "method">; onPick: (indicator: Indicator) => void; isWanted?: (indicator: Indicator) => boolean;
}) {
  const site = useSite();
  const say = useWords(PARTS);
  const held = indicatorsHeld(site.catalogue, site.realm)
    .filter(isWanted ?? (() => true))
    .sort((one, other) => SUBJECTS.indexOf(one.subject) - SUBJECTS.indexOf(other.subject));
  const choices = held.map((each): Choice => ({
    value: keyOf(each), label: site.name(each), group: subjectName(each.subject, say), also: `${each.zh} ${each.en} ${each.code} ${each.method}`,
  }));
  return (
    <Combo
      label={say("indicator")}
      choices={choices}
      value={keyOf(value)}
      onPick={(key) => onPick(held.find((each) => keyOf(each) === key)!)}
    />
  );
}

/** Subjects in the order they are shown in. */
export const SUBJECTS = ["lifelong", "adults", "schools", "credit", "forecast", "inequality"];

export function subjectName(subject: string, say: ReturnType<typeof useWords<typeof PARTS>>): string {
  return subject in PARTS ? say(subject as keyof typeof PARTS) : subject;
}

/** One of a few, as the browser's own list. */
export function Select({ label, choices, value, onPick }: ComboProps) {
  const id = useId();
  return (
    <div class="pick">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onPick(event.currentTarget.value)}>
        {choices.map((each) => <option key={each.value} value={each.value} selected={each.value === value}>{each.label}</option>)}
      </select>
    </div>
  );
}

/** The period, newest first. */
export function PeriodPicker({ periods, value, onPick }: { periods: readonly string[]; value: string; onPick: (period: string) => void }) {
  const say = useWords(PARTS);
  const choices = [...periods].reverse().map((each) => ({ value: each, label: each }));
  return <Select label={say("period")} choices={choices} value={value} onPick={onPick} />;
}

/** The breakdown, of those a realm holds of an indicator. */
export function DimensionPicker({ dimensions, value, onPick }: { dimensions: readonly string[]; value: string; onPick: (dimension: string) => void }) {
  const { catalogue, name } = useSite();
  const say = useWords(PARTS);
  const choices = dimensions.map((code) => {
    const known = catalogue.dimensions[code];
    return { value: code, label: known ? name(known) : code };
  });
  return <Select label={say("breakdown")} choices={choices} value={value} onPick={onPick} />;
}
