"""Effects that depend on each other: several levels, several outcomes, several times, and robust standard errors.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report

| module | what it is for |
|---|---|
| `multilevel_model` | `multilevel`: the model, and all of a fit |
| `random_effects` | what ties effects together, as records or as text |
| `robust_variance` | `robust`, `robust_wald`: clustered standard errors and tests |
| `profile_intervals` | `profile_interval` of a variance or correlation |
| `random_effect_estimates` | `predicted_random_effects`, `predict_multilevel`: groups' own effects, and new ones |
| `left_out_clusters` | `cluster_influence`: Cook's distance of each cluster |
| `variance_shares` | I² by level |
| `containment` | degrees of freedom by level |
| `identifiability` | which variances the data can tell |
| `sampling_covariance` | V as it is given |
| `grouped_rows` | rows that are independent of each other |
| `covariance_terms`, `covariance_tables` | terms made ready; structures and their slopes |
| `marginal_likelihood`, `nested_likelihood` | the likelihood, over blocks and without them |
| `starting_values`, `likelihood_search` | where to begin, and how to climb |
"""
