import { number } from "../../data/format";
import { cells, indicatorOf } from "../../data/select";
import type { Indicator } from "../../data/types";
import { useValues } from "../../data/load";
import { Definition } from "../../parts/Definition";
import { Figure } from "../../parts/Figure";
import { keyOf } from "../../parts/Pickers";
import { useSite } from "../../site";
import { useWords } from "../../words";
import { GAPS } from "../../words/gaps";
import { PARTS } from "../../words/parts";
import { definitionOf, METHODS } from "./derived";
import { absence, correlation } from "./sentences";

const KINDS = ["correlation_pearson", "correlation_spearman"] as const;

/** What a reader may ask about each pair: which way, how closely, over how many counties; and that it is no cause. */
export function Together({ indicator, period }: { indicator: Indicator; period: string }) {
  const { catalogue, realm } = useSite();
  const say = useWords(GAPS);
  const parts = useWords(PARTS);
  const key = keyOf(indicator);
  const names = catalogue.dimensions;
  const dimensions = definitionOf(catalogue, KINDS[0])?.has[realm]?.dimensions ?? [];
  // a pair is kept with one of its two indicators: that of its dimension
  const mine = dimensions.filter((each) => each === key || names[each]?.members.some((member) => member.code === key) !== false);
  return (
    <section>
      <h2 id="together">{say("together")}</h2>
      <p class="caveat">{say("caveat")}</p>
      {mine.length === 0 ? (
        <p class="soft">{say("noCorrelations")}</p>
      ) : (
        <div class="table" role="region" aria-label={say("together")} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{say("other")}</th>
                <th scope="col" class="n">{say("pearson")}</th>
                <th scope="col" class="n">{say("spearman")}</th>
                <th scope="col" class="n">{say("n")}</th>
                <th scope="col">{say("meaning")}</th>
                <th scope="col">{parts("definition")}</th>
              </tr>
            </thead>
            <tbody>
              {mine.map((dimension) => <Pairs key={dimension} dimension={dimension} mine={key} period={period} />)}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** The rows of one document that the indicator is one side of. */
function Pairs({ dimension, mine, period }: { dimension: string; mine: string; period: string }) {
  const { catalogue, realm, name, lang, link } = useSite();
  const [pearson, spearman] = [useRows("correlation_pearson"), useRows("correlation_spearman")];
  const others = [...new Set(pearson.map((each) => each.member))].filter((member) => dimension === mine || member === mine);
  return (
    <>
      {others.map((member) => {
        const [one, two] = [pearson, spearman].map((rows) => rows.find((each) => each.member === member && each.period === period));
        const other = indicatorBy(dimension === mine ? member : dimension);
        const defined = definitionOf(catalogue, "correlation_pearson")!;
        return (
          <tr key={member}>
            <th scope="row">{other ? <a href={link({ indicator: other.code, method: other.method })}>{name(other)}</a> : member}</th>
            <td class="n"><Figure point={one} unit="index" /></td>
            <td class="n"><Figure point={two} unit="index" /></td>
            <td class="n">{one?.denominator == null ? "—" : number(one.denominator, "persons", lang)}</td>
            <td>{absence(one, lang) ?? correlation(one!.value!, lang)}</td>
            <td><Definition indicator={defined} point={one} area="330000" dimension={dimension} member={member} unit="index" /></td>
          </tr>
        );
      })}
    </>
  );

  function useRows(kind: (typeof KINDS)[number]) {
    const loaded = useValues(realm, kind, METHODS[kind], dimension);
    return loaded.is === "here" ? cells(loaded.data) : [];
  }

  function indicatorBy(key: string) {
    const [code, method] = key.split(".", 2);
    return indicatorOf(catalogue, code!, method);
  }
}
