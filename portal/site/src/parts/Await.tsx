import type { ComponentChildren } from "preact";
import type { Loaded } from "../data/load";
import { useWords } from "../words";
import { FRAME } from "../words/frame";

/** Shows what a document holds when it is here; else says where it stands, with a way to try again. */
export function Await<T>({ of, children, absent }: {
  of: Loaded<T>; children: (data: T) => ComponentChildren; absent?: ComponentChildren;
}) {
  const say = useWords(FRAME);
  if (of.is === "here") return <>{children(of.data)}</>;
  if (of.is === "loading") return <p class="waiting" role="status">{say("loading")}</p>;
  if (of.is === "absent") return <>{absent ?? <p class="nothing">{say("absent")}</p>}</>;
  return (
    <div class="failed" role="alert">
      <p>{say("failed")}</p>
      <button type="button" onClick={of.retry}>{say("retry")}</button>
    </div>
  );
}
