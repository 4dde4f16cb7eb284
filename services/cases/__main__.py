from services.cases.service import SERVICE
from shared.department.run import run

if __name__ == "__main__":
    run(SERVICE)
