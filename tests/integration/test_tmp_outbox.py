import random, sys, types
from dataclasses import replace
import pytest
sys.modules.setdefault("expectations", types.ModuleType("expectations"))
sys.modules["expectations"].judge = None
from pipeline import migrations
from tests.spec import real_source
from tests.spec.real_system import RealSystem
from tests.spec.model import Model
from tests.spec.machine import *
from tests.spec.system import *

def test_outbox(settings, tmp_path):
    contracts, suites = real_source.write(tmp_path, ENTITIES)
    s = replace(settings, contracts_dir=contracts)
    migrations.apply(s)
    bad = Counter()
    CONT=[GOOD,BETTER,BAD,None]
    for seed in range(25):
        rnd = random.Random(seed)
        real, model = RealSystem(s, ENTITIES), Model()
        for n in range(6):
            rows=[]
            for _ in range(rnd.randint(0,4)):
                rows.append(Unreadable(rnd.choice([None,*RECORD_IDS])) if rnd.random()<.15 else Said(rnd.choice(RECORD_IDS), rnd.choice(CONT)))
            mode=rnd.choice(["bulk","delta"])
            a=real.pull(f"d{n}", "north", mode, {"learners":rows}); b=model.pull(f"d{n}","north",mode,{"learners":rows})
            if a!=b: print(seed,n,mode,rows,a,b); bad[seed]+=1; break
            got=Counter(real.versions().values()); want=Counter(model.versions().values())
            if got!=want: print("versions",seed,n,got-want,want-got); bad[seed]+=1; break
    print(bad); assert not bad
