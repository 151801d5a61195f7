import { cells, PROVINCE } from "../../data/select";
import type { Indicator } from "../../data/types";
import { keyOf } from "../../parts/Pickers";
import { useSite } from "../../site";
import { type Say, useWords } from "../../words";
import { GAPS } from "../../words/gaps";
import { isMade, useDerived } from "./derived";
import { Measure } from "./Measures";
import { betweenShare, gini, type Grouping, theil } from "./sentences";
import { TODAY } from "./splits";

const GROUPINGS: readonly Grouping[] = ["county_group_fixed", "prefecture"];

/** How far counties are apart at all, and how much of that lies between groups of them. */
export function Counties({ indicator, period, dimension }: { indicator: Indicator; period: string; dimension: string | null }) {
  const { catalogue, realm, lang } = useSite();
  const say = useWords(GAPS);
  const input = keyOf(indicator);
  if (!isMade(catalogue, realm, "theil_of_counties", input)) return null;
  const shared = { input, area: PROVINCE, period };
  return (
    <section aria-labelledby="between">
      <h2 id="between">{say("counties")}</h2>
      <p class="soft">{say("countiesLead")} {dimension === TODAY && say("listOnlyFixed")}</p>
      <div class="shares">
        {GROUPINGS.map((grouping) => <Share key={grouping} input={input} grouping={grouping} period={period} />)}
      </div>
      <ul class="measures">
        {GROUPINGS.map((grouping) => (
          <Measure
            key={grouping} {...shared} kind="theil_between_share" member={grouping} unit="pct" along={titleOf(grouping, say)}
            told={(value) => betweenShare(value, grouping, lang)}
          />
        ))}
        <Measure {...shared} kind="theil_of_counties" member="total" unit="index" told={(value, point) => theil(value, point.denominator, lang)} />
        <Measure {...shared} kind="gini_of_counties" member="total" unit="index" told={(value, point) => gini(value, point.denominator, indicator, lang)} />
      </ul>
    </section>
  );
}

function titleOf(grouping: Grouping, say: Say<typeof GAPS>): string {
  return say(grouping === "prefecture" ? "groupingPrefecture" : "groupingFixed");
}

/** The inequality of the counties cut in two: between groups and within them, from the two published parts. */
function Share({ input, grouping, period }: { input: string; grouping: Grouping; period: string }) {
  const { catalogue, realm, lang } = useSite();
  const say = useWords(GAPS);
  const share = useDerived(catalogue, realm, "theil_between_share", input);
  const parts = [useDerived(catalogue, realm, "theil_between_groups", input), useDerived(catalogue, realm, "theil_within_groups", input)];
  const at = (loaded: typeof share) =>
    loaded.is === "here" ? cells(loaded.data).find((each) => each.member === grouping && each.period === period && each.status === "published") : undefined;
  const pct = at(share)?.value;
  const [between, within] = parts.map((each) => at(each)?.value);
  if (pct == null) return null;
  const told = (value: number | null | undefined) => (value == null ? "—" : value.toLocaleString(lang, { maximumSignificantDigits: 2 }));
  return (
    <figure class="share">
      <figcaption>{titleOf(grouping, say)}</figcaption>
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={betweenShare(pct, grouping, lang)}>
        <rect class="within" width="100" height="10" />
        <rect class="between" width={pct} height="10" />
      </svg>
      <p class="small soft">{say("betweenParts", { between: told(between), within: told(within) })}</p>
    </figure>
  );
}
