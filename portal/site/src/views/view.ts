import type { FunctionComponent } from "preact";
import type { Named } from "../data/types";

/** What a folder of views/ exports as `View`. */
export interface Viewable {
  id: string;
  /** the heading, and the name of the window */
  title: Named;
  /** what the view tells, in a sentence below the heading */
  lead?: Named;
  Page: FunctionComponent;
}
