"""What every page shares, and the only modules here that know Streamlit beside the pages."""
