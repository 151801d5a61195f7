import { day } from "../data/format";
import type { RevisionsFile } from "../data/types";
import { useSite } from "../site";
import { useWords } from "../words";
import { CHANGES } from "../words/changes";
import type { Change } from "./changes";

const WHAT = { released: "released", withdrawn: "withdrawn", waived: "waived", refused: "refused", held: "held" } as const;

/** What stands behind changes: the deliveries of each agency, the definition before and now, or the models. */
export function Because({ file, changes }: { file: RevisionsFile; changes: readonly Change[] }) {
  const { lang, name } = useSite();
  const say = useWords(CHANGES);
  const because = (why: Change["why"]) => changes.filter((each) => each.why === why).length;
  const methods = new Set(changes.filter((each) => each.why === "definition").map((each) => each.method));
  const definitions = (file.definitions ?? []).filter((each) => methods.has(each.method));
  return (
    <>
      {because("data") > 0 && file.batches.length > 0 && (
        <>
          <h4>{say("deliveries")}</h4>
          <p class="small soft">{say("deliveriesMean")}</p>
          <ul class="deliveries">
            {file.batches.map((each) => (
              <li key={`${each.agency} ${each.entity} ${each.what}`}>
                <strong>{name(each.agency_name)}</strong>{" "}
                {say("delivery", {
                  entity: each.entity,
                  number: each.deliveries,
                  what: each.what in WHAT ? say(WHAT[each.what as keyof typeof WHAT]) : each.what,
                })}
                {each.newest && <span class="soft"> {say("newest", { day: day(each.newest, lang) })}</span>}
              </li>
            ))}
          </ul>
        </>
      )}
      {definitions.map((each) => (
        <div key={each.method} class="definitions">
          <h4>{say("definition")}</h4>
          <dl>
            <div><dt>{say("versionBefore", { version: each.old.version })}</dt><dd><del>{name(each.old.sentence)}</del></dd></div>
            <div><dt>{say("versionNow", { version: each.new.version })}</dt><dd><ins>{name(each.new.sentence)}</ins></dd></div>
          </dl>
        </div>
      ))}
      {because("models") > 0 && <p>{say("modelsMean", { number: because("models") })}</p>}
      {because("nothing known") > 0 && <p>{say("unknownMean", { number: because("nothing known") })}</p>}
    </>
  );
}
