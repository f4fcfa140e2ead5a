"""`surcease simulate` and `surcease relief` as a user types them: answers, contracts, refusals."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest
from typer.testing import CliRunner

from surcease.cli.main import build

CONTRACTS = Path(__file__).parents[2] / "docs" / "reference" / "contracts"
INFUSION = "0.5 mg/kg over 40 min iv"


def run(*words):
    return CliRunner().invoke(build(list(words)), list(words))


def answer(*words):
    done = run(*words, "--json")
    assert done.exit_code == 0, done.stderr
    body = json.loads(done.stdout)
    name = body["schema"].replace("/", "-")
    contract = json.loads((CONTRACTS / f"{name}.schema.json").read_text())
    jsonschema_rs.validator_for(contract).validate(body)
    return body


def refusal(*words):
    done = run(*words)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_the_golden_table_from_the_command_line():
    # 35 mg over 40 min by Kamp 2020: 198.3, 253.1 and 95.9 ng/mL at 20, 40 and 60 min
    body = answer(
        "simulate", INFUSION, "--model", "kamp_2020", "--weight", "70", "--at", "20min,40min,60min"
    )  # fmt: skip
    assert body["cp_ng_per_ml"] == pytest.approx([198.3, 253.1, 95.9], rel=0.005)
    assert body["times_h"] == pytest.approx([1 / 3, 2 / 3, 1])
    for low, typical, high in zip(body["bands"]["q10"], body["cp_ng_per_ml"], body["bands"]["q90"], strict=True):
        assert low < typical < high
    assert "Kamp" in body["sources"][0]
    assert any("Arterial" in limit for limit in body["limits"])
    assert body["assumptions"] == ["assumed racemic ketamine"]


def test_a_seed_gives_the_same_people():
    one, two, other = (
        answer("simulate", INFUSION, "--at", "40min", "--population", "200", "--seed", s)["bands"] for s in "112"
    )
    assert one == two != other


def test_several_doses():
    body = answer(
        "simulate", "0.35 mg/kg/h for 4 h iv every 24 h x 3 then after 20 h 10 mg bolus iv", "--at", "4h,28h,52h"
    )
    assert body["total_mg"] == pytest.approx(3 * 0.35 * 4 * 70 + 10)
    assert body["cp_ng_per_ml"][0] < body["cp_ng_per_ml"][1] < body["cp_ng_per_ml"][2]


def test_all_models_with_their_spread():
    body = answer("simulate", INFUSION, "--model", "all", "--at", "20min,40min,60min")
    assert set(body["models"]) == {"kamp_2020", "domino_1982", "clements_1981"}
    assert "they differ ×2.1 20 minutes after the end" in body["spread"]["sentence"]
    assert body["left_out"]["herd_2007"]


def test_a_measured_level_has_its_place():
    body = answer("simulate", INFUSION, "--against", "142ng/mL@45min")
    against = body["against"]
    assert against["sentence"].endswith("percentile, arterial model; your sample is venous.")
    assert against["predicted"]["q10"] < 142 < against["predicted"]["q90"]
    molar = answer("simulate", INFUSION, "--against", "0.5973nmol/mL@45min")["against"]
    assert molar["level_ng_per_ml"] == pytest.approx(142, rel=1e-4)
    same = answer("simulate", INFUSION, "--against", "900ng/mL@45min", "--sample", "arterial")["against"]
    assert same["sentence"] == "above the 99th percentile, arterial model; your sample is arterial too."


def test_people_who_differ_and_what_changes_exposure():
    plain = answer("simulate", "28 mg in esketamine", "--at", "40min")
    assert plain["model"] == "perez_ruixo_2021"
    japanese = answer("simulate", "28 mg in esketamine", "--at", "40min", "--ancestry", "japanese", "--age", "75")
    assert japanese["cp_ng_per_ml"][0] > 1.2 * plain["cp_ng_per_ml"][0]
    inhibited = answer("simulate", "20 mg po esketamine", "--at", "2h", "--with", "clarithromycin", "--with", "hepatic")
    assert (
        inhibited["cp_ng_per_ml"][0] > 1.8 * answer("simulate", "20 mg po esketamine", "--at", "2h")["cp_ng_per_ml"][0]
    )
    assert any(limit.startswith("Clarithromycin: oral S-ketamine AUC rises 2.6") for limit in inhibited["limits"])
    assert any("severe impairment was not studied" in limit for limit in inhibited["limits"])
    moved = answer("simulate", INFUSION, "--model", "all", "--at", "2h", "--with", "cyp2b6_6_6")
    assert moved["models"]["kamp_2020"]["cp_ng_per_ml"][0] > 60


def test_acute_effects_and_metabolites():
    body = answer(
        "simulate",
        "0.25 mg/kg over 40 min iv esketamine",
        "--model",
        "otto_2021",
        "--effects",
        "all",
        "--norketamine",
        "--metabolites",
    )
    assert set(body["metabolites"]) == {"norketamine"}
    assert body["metabolites"]["norketamine"]["bands"]["q90"][-1] > body["metabolites"]["norketamine"]["ng_per_ml"][-1]
    film = answer("simulate", "50 mg sl esketamine", "--at", "1h")["metabolites"]
    assert set(film) == {"norketamine", "hydroxynorketamine"}
    assert "bands" not in film["norketamine"]
    assert {"analgesia", "dissociation", "systolic", "cardiac_output"} <= set(body["effects"])
    assert body["effects"]["nmda_occupancy"]["grade"] == "illustration"
    one = answer("simulate", INFUSION, "--effects", "systolic")
    assert list(one["effects"]) == ["systolic"]


def test_weeks_of_relief():
    body = answer("relief", "22.2 mg/h for 100 h iv esketamine", "--weeks", "12", "--prior", "rct")
    assert body["weeks"] == list(range(1, 13))
    assert body["drug_term"][0] == pytest.approx(0.81, abs=0.02)
    assert body["drug_term"][11] < 0.05
    routine = answer("relief", "22.2 mg/h for 100 h iv esketamine", "--prior", "routine")
    assert routine["mean_drug"]["q50"][0] < 0.5 * body["mean_drug"]["q50"][0]
    assert answer("relief", INFUSION, "--model", "kamp_2020", "--weight", "80")["model"] == "kamp_2020"


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_pictures(tmp_path, ending):
    path = tmp_path / f"curve.{ending}"
    assert run("simulate", INFUSION, "--model", "all", "--against", "150ng/mL@1h", "--plot", str(path)).exit_code == 0
    assert path.read_bytes()[:4] in (b"<svg", b"\x89PNG")
    relief = tmp_path / f"relief.{ending}"
    assert run("relief", "22.2 mg/h for 4 h iv esketamine", "--plot", str(relief)).exit_code == 0
    assert relief.stat().st_size > 2000
    assert "neither .svg nor .png" in refusal("simulate", INFUSION, "--plot", str(tmp_path / "curve.pdf"))


def test_tables_for_a_reader():
    said = run("simulate", INFUSION, "--effects", "analgesia", "--against", "150ng/mL@1h").stdout
    assert "40 min" in said
    assert "253" in said
    assert "percentile" in said
    many = run("simulate", INFUSION, "--model", "all", "--at", "4h,80h").stdout
    assert "Left out: herd_2007 was fitted on children." in many
    assert "Share of the pain relieved" in run("relief", "22.2 mg/h for 4 h iv esketamine").stdout


def test_a_bar_for_very_many_people_stays_off_the_answer():
    body = answer("simulate", INFUSION, "--at", "40min", "--population", "50000")
    assert body["people"] == 50000


@pytest.mark.parametrize(
    ("dose", "part"),
    [
        ("half a vial iv", "half"),
        ("5 mg/lightyear iv", "lightyear"),
        ("0.5 mg/kg over 40 parsec iv", "40 parsec"),
        ("99999 mg iv", "99999 mg"),
        ("-5 mg iv bolus", '"-5"'),
        ("", "empty"),
    ],
)
def test_a_dose_that_cannot_be_read_is_refused_with_the_part_and_an_example(dose, part):
    for command in ("simulate", "relief"):
        said = refusal(command, dose)
        assert part in said
        assert "for example" in said


def test_a_dose_after_two_dashes():
    assert '"-5"' in refusal("simulate", "--json", "--", "-5 mg iv bolus")
    assert answer("simulate", INFUSION, "--at", "40min")["times_h"] == pytest.approx([2 / 3])


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--weight", "-3"), "-3"),
        (("--weight", "9000"), "9000"),
        (("--at", "-3min"), '"-3min"'),
        (("--at", "3fortnights"), '"3fortnights"'),
        (("--at", "999999h"), "more than a year"),
        (("--population", "0"), "A population of 0"),
        (("--population", "9000000"), "A population of 9e+06"),
        (("--age", "130"), "An age of 130"),
        (("--ancestry", "martian"), '"martian"'),
        (("--with", "moonlight"), '"moonlight"'),
        (("--effects", "levitation"), '"levitation"'),
        (("--against", "142"), '"142"'),
        (("--against", "142bar@45min"), '"142bar@45min"'),
        (("--sample", "capillary"), '"capillary"'),
        (("--model", "nix"), "nix"),
        (("--model", "perez_ruixo_2021", "--norketamine", "--effects", "analgesia"), ""),
    ],
)
def test_absurd_options_are_refused_in_one_sentence(words, part):
    if part == "":
        assert run("simulate", INFUSION, *words).exit_code == 0
        return
    assert part in refusal("simulate", INFUSION, *words)


def test_a_route_that_the_model_lacks_and_one_that_no_model_joins():
    assert "has no route" in refusal("simulate", "28 mg in esketamine", "--model", "kamp_2020")
    assert "one by one" in refusal("simulate", "10 mg im then 20 mg po")
    assert "No model here fits" in refusal("simulate", "28 mg in then 5 mg im", "--model", "all")
    assert "52" in refusal("relief", INFUSION, "--weeks", "53")
    assert "rct, routine" in refusal("relief", INFUSION, "--prior", "hope")


def test_numba_and_scipy_stay_unloaded_for_a_small_question():
    code = (
        "import sys; sys.argv = ['surcease', 'simulate', '0.5 mg/kg over 40 min iv', '--at', '40min', '--json']\n"
        "from surcease.cli.main import app\n"
        "try:\n    app()\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('numba', 'scipy', 'altair', 'django', 'rich.progress') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1] == "[]"
