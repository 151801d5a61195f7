import { type Flow, MEMBERS } from "../../data/flows";
import { type Column, DataTable } from "../../parts/DataTable";
import { Figure } from "../../parts/Figure";
import { useWords } from "../../words";
import { FLOW } from "../../words/flow";
import { PARTS } from "../../words/parts";
import { Source } from "./Sentences";

/** The diagram's figures, withheld and missing ones by their word. */
export function Matrix({ flows }: { flows: readonly Flow[] }) {
  const say = useWords(FLOW);
  const parts = useWords(PARTS);
  const columns: Column<Flow>[] = [
    { key: "from", label: say("from"), isHead: true, cell: (flow) => say(flow.from as keyof typeof FLOW) },
    ...MEMBERS.map((member): Column<Flow> => ({
      key: member, label: say(member), isNumber: true, sort: (flow) => flow.next.get(member)?.value ?? null,
      cell: (flow) => <Figure point={flow.next.get(member) ?? unknown(flow)} unit="persons" />,
    })),
    {
      key: "total", label: say("total"), isNumber: true, sort: (flow) => flow.total?.value ?? null,
      cell: (flow) => <Figure point={flow.total} unit="persons" />,
    },
    {
      key: "define", label: parts("definition"),
      cell: (flow) => <Source flow={flow} />,
    },
  ];
  return <DataTable caption={say("table")} columns={columns} rows={flows} rowKey={(flow) => flow.from} />;
}

/** A year that is not known yet has no members, only a total that says so. */
const unknown = (flow: Flow) => (flow.total && flow.total.status !== "published" ? flow.total : undefined);
