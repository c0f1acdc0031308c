"""Doubt about what was never published: tests of asymmetry, corrections and worst cases.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

| module | what it is for |
|---|---|
| `asymmetry` | `asymmetry_test`: Egger's test and its kin, by any predictor |
| `begg`, `schwarzer` | rank correlations, on `kendall` |
| `harbord`, `peters`, `deeks`, `pustejovsky`, `thompson` | asymmetry tests made for one measure |
| `lfk` | the index of a Doi plot |
| `trim_fill` | `trim_and_fill`: the studies a symmetric funnel would have |
| `precision_effect`, `adequate_power` | PET, PEESE and WAAP-WLS |
| `limit_model` | the effect in a study of infinite precision |
| `copas` | the effect for each degree of selection, on `copas_likelihood` |
| `selection_model` | weight functions of the p-value |
| `worst_case` | `s_value`: how strong selection must be to explain an effect away |
| `p_uniform`, `p_curve` | what the significant studies alone say |
| `excess_significance` | whether more studies are significant than their power would give |
| `fail_safe` | how many null studies would overturn the result |
"""
