"""Whether the examples of each rule would notice if the rule were switched off or a little looser."""
