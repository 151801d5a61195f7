import { useSite } from "../site";
import { useWords } from "../words";
import { FRAME } from "../words/frame";

/** On every view of the invented province, on paper too: nobody may take its numbers for real ones. */
export function RealmBanner() {
  const { realm } = useSite();
  const say = useWords(FRAME);
  if (realm !== "simulated") return null;
  return (
    <p class="realm" role="note">
      <strong>{say("simulated")}</strong> <span>{say("simulatedMore")}</span>
    </p>
  );
}
