"""Small files of studies, as people keep them."""

from pathlib import Path

BCG = """\
study,year,events_1,n_1,events_2,n_2,ablat
Aronson,1948,4,123,11,139,44
Ferguson & Simes,1949,6,306,29,303,55
Rosenthal et al,1960,3,231,11,220,42
Hart & Sutherland,1977,62,13598,248,12867,52
Frimodt-Moller et al,1973,33,5069,47,5808,13
Stein & Aronson,1953,180,1541,372,1451,44
Vandiviere et al,1973,8,2545,10,629,19
TPT Madras,1980,505,88391,499,88391,13
Coetzee & Berjak,1968,29,7499,45,7277,27
Rosenthal et al,1961,17,1716,65,1665,42
Comstock et al,1974,186,50634,141,27338,18
Comstock & Webster,1969,5,2498,3,2341,33
Comstock et al,1976,27,16913,29,17854,33
"""  # Colditz et al. (1994), JAMA 271, 698-702
ZEROS = "study,events_1,n_1,events_2,n_2\nA,0,10,3,12\nB,2,20,4,19\nC,1,15,5,16\n"
MEANS = "study,mean_1,sd_1,n_1,mean_2,sd_2,n_2\nA,10,2,20,8,2.5,22\nB,9,2.2,30,8.5,2,28\n"
EFFECTS = "study,yi,vi\nA,0.1,0.04\nB,0.5,0.09\nC,-0.2,0.02\n"
LONG = """\
study,treatment,n,events
A,drug,20,8
A,placebo,21,3
B,placebo,30,6
B,drug,31,10
"""


def written(folder: Path, text: str, name: str = "studies.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
